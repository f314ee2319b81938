"""Take a picture of a task in Label Studio as an annotator sees it, with headless Chromium; run by Label Studio's own Python.

    python screenshot.py URL USER PASSWORD PROJECT TASK FILE.png

Prints the boxes that stand on the page, a JSON list of [left, top, width, height] in shares of the picture.
"""

from __future__ import annotations

import json
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--window-size=1600,1400")  # fmt: skip
# Konva draws on a canvas: what stands there is asked of Label Studio's own store.
BOXES = """
const store = window.Htx && (window.Htx.annotationStore || window.Htx.store);
const chosen = store && store.selected;
return chosen ? JSON.stringify(chosen.regions.map(r => [r.x, r.y, r.width, r.height].map(v => v / 100))) : null;
"""


def main() -> None:
    """Log in, open the task, wait for the picture, and save what is seen."""
    url, user, password, project, task, file = sys.argv[1:]
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        try:
            driver.get(f"{url}/user/login/")
            driver.find_element(By.NAME, "email").send_keys(user)
            driver.find_element(By.NAME, "password").send_keys(password)
            driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
            WebDriverWait(driver, 60).until(lambda d: "login" not in d.current_url)
            driver.get(f"{url}/projects/{project}/data?task={task}")
            WebDriverWait(driver, 90).until(lambda d: d.find_elements(By.CSS_SELECTOR, "canvas"))
            boxes = WebDriverWait(driver, 60).until(lambda d: d.execute_script(BOXES))
            driver.implicitly_wait(2)
            driver.save_screenshot(file)
            print(json.dumps(json.loads(boxes)))
        finally:
            driver.quit()


if __name__ == "__main__":
    main()

/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `users`;
CREATE TABLE `users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `user name` varchar(64) NOT NULL COMMENT 'How they sign in, it''s shown',
  `role` enum('admin','editor','it''s complicated') NOT NULL DEFAULT 'editor',
  `active` tinyint(1) NOT NULL DEFAULT '1',
  `balance` decimal(12,2) DEFAULT '0.00',
  `bio` mediumtext,
  `updated_at` datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `manager_id` int(10) unsigned DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `by_name` (`user name`),
  KEY `by_manager` (`manager_id`),
  CONSTRAINT `fk_manager` FOREIGN KEY (`manager_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='People with an account';
INSERT INTO `users` VALUES (1,'a\'b','admin',1,0.00,NULL,NULL,NULL);
